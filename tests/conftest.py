"""What every test gets: no network outside this machine."""
