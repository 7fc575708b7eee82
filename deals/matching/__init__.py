"""Which names may mean one company: words, part scores, keys by which near names are found. Pure, but for `index`."""
