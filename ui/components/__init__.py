"""Parts of pages: tables, charts, evidence, weights, small maps. Each takes what it shows and a language; none keeps anything."""
