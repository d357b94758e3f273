"""The part of a network that reads prompts, for any recommender whose queries it moves."""
