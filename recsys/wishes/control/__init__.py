"""What a person sets about a wish: what its parts are to them, and how much it counts."""
