"""Pages for people, a folder an audience. Pages use services; they never see tables or SQL."""
