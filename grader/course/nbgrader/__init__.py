"""Points into nbgrader's gradebook, and what persons gave there out of it: of quizzes and labs alike."""
