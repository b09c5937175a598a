"""What the offline model is held to: questions with reference SQL, written before the model was tuned.

The engine must not be tuned by table or column names, of the demo or of any other schema: what it knows of
a database it has read in the prompt.
"""
