"""Who answered: pseudonyms and their key, organisations under former codes, people recognised from wave to wave."""
