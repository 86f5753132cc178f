package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An operation that `make api` never tried fails it, though it has nothing to vary.
func TestAnOperationWithFewerCasesFailsTheAPI(t *testing.T) {
	document := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(document, []byte(`{"paths": {"/": {"get": {"operationId": "getPage"}}, "/x": {"get": {"operationId": "getX"}, "parameters": []}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for counted, want := range map[string]string{
		"GET /\tcoverage\t1\nGET /x\tcoverage\t2\nGET /x\tfuzzing\t3\n": "",
		"GET /\tcoverage\t1\nGET /x\tcoverage\t4\n":                     "GET /x",
		"GET /\tcoverage\t1\nGET /x\tfuzzing\t5\n":                      "GET /x", // no wrong value was tried
		"GET /\tcoverage\t1\n":                                          "GET /x",
		"GET /x\tcoverage\t5\n":                                         "GET /",
		"":                                                              "GET /, GET /x",
	} {
		file := filepath.Join(t.TempDir(), "counted")
		if err := os.WriteFile(file, []byte(counted), 0o600); err != nil {
			t.Fatal(err)
		}
		output, err := exec.CommandContext(t.Context(), "python3", "api/counted.py", document, file, "5").CombinedOutput()
		if (err == nil) != (want == "") || !strings.HasSuffix(strings.TrimSpace(string(output)), want) {
			t.Errorf("%q: %v\n%s", counted, err, output)
		}
	}
	output, err := exec.CommandContext(t.Context(), "python3", "api/counted.py", document, filepath.Join(t.TempDir(), "none"), "5").CombinedOutput()
	if err == nil || !strings.Contains(string(output), "no case was counted") {
		t.Errorf("%v\n%s", err, output)
	}
}
