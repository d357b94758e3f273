"""What is kept of people's data, for how long, and how all of it goes."""
