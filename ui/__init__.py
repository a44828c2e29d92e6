"""What the planner touches: pages, map views and the command line. The one package that imports Streamlit."""
