# Two commands do everything; what they do stands in scripts/.

.PHONY: run test

# The demonstration county on http://127.0.0.1:8119, data in ./data. Stop it with Ctrl-C.
run:
	@scripts/run.sh

# Every check and test. Some of them only: scripts/test.sh fmt check tests
test:
	@scripts/test.sh
