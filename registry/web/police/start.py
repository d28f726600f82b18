"""The officer's starting page: the next thing to do, and the open cases."""

from flask import render_template

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import cases, police_errands
from registry.web.police import blueprint
from registry.web.police.cases import SearchForm


@blueprint.get("/")
@needs(Permission.POLICE_WORK)
def start() -> str:
    """What waits, then the authority's open cases."""
    return render_template(
        "police/start.html",
        errand=police_errands.next_errand(db(), actor()),
        cases=cases.open_cases(db(), actor()),
        search=SearchForm(),
    )
