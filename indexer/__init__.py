"""Floor 2: articles to passages to vectors and terms to ranked, judged hits."""
