// Package testserver provides a real server for the tests of this module.
package testserver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// root is the folder of the repository.
var root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../../../..")
}()

// Start returns the URL of the API of a server, and a function that stops it: KVASIR_TEST_URL, or one started
// from this repository's build. The URL is empty if there is none.
func Start() (apiURL string, stop func()) {
	if given := os.Getenv("KVASIR_TEST_URL"); given != "" {
		return given, func() {}
	}
	program := filepath.Join(root, "packages/kvasir/bin/kvasir.js")
	data, err := os.MkdirTemp("", "kvasir-go-")
	if err != nil {
		panic(err)
	}
	server := exec.Command("node", program, "serve", "--no-auth", "--json", "--api-port", "0", "--data", data)
	server.Dir = data
	output, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return "", func() {}
	}
	stop = func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
		_ = os.RemoveAll(data)
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		var event struct{ Event, API string }
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Event == "ready" {
			return event.API, stop
		}
	}
	return "", stop
}

// NewNamespace creates a separate namespace for a test and returns its id.
func NewNamespace(t *testing.T, apiURL string) string {
	t.Helper()
	if apiURL == "" {
		t.Skip("needs KVASIR_TEST_URL, or node and a build of this repository (npm run build)")
	}
	id, err := CreateNamespace(apiURL, fmt.Sprintf("%s-%d", t.Name(), time.Now().UnixNano()))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// CreateNamespace creates a namespace and returns its id.
func CreateNamespace(apiURL, title string) (string, error) {
	url := fmt.Sprintf("%s/client/v4/accounts/%032d/storage/kv/namespaces", apiURL, 0)
	response, err := http.Post(url, "application/json", strings.NewReader(fmt.Sprintf(`{"title":%q}`, title)))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var created struct{ Result struct{ ID string } }
	err = json.NewDecoder(response.Body).Decode(&created)
	return created.Result.ID, err
}

// Vectors reads what the recipes of all languages agree on.
func Vectors(t *testing.T, target any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "testing/conformance/vectors/recipes.json"))
	if err == nil {
		err = json.Unmarshal(text, target)
	}
	if err != nil {
		t.Fatal(err)
	}
}
