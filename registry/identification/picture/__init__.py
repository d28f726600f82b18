"""How a reading agrees with a mark, as a picture for a page or a report, as text for a terminal, and in words."""
