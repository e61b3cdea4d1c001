"""What is known of the blocks and workers that packages bring along, as views."""
