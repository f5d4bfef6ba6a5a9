"""Languages: their codes, which one somebody speaks, and how dates and numbers are written in it.

The only room that knows babel. Importing it is cheap; babel is imported where it is first needed, for it takes as long
as all of Jinja.
"""
