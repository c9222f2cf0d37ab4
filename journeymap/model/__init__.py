"""What a journey is: frozen values without files, sums or drawing."""
