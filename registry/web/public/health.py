"""Whether the server is well, for a proxy or a supervisor."""

from registry.access import Permission, needs
from registry.request_scope import database
from registry.web.public import blueprint


@blueprint.get("/health")
@needs(Permission.ANYONE)
def health() -> dict[str, str]:
    """``{"status": "ok"}`` once the database answers."""
    with database().engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    return {"status": "ok"}
