"""From kept evidence to estimates: designs as lifts, the headline method, standard errors that few organisations allow."""
