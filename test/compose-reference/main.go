// Reads the cases of test/compose with compose-go, the library of docker compose, and prints what it makes of each.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"gopkg.in/yaml.v3"
)

// A case as the golden files write it.
type golden struct {
	File      string            `yaml:"file"`
	Files     map[string]string `yaml:"files"`
	Over      []string          `yaml:"over"`
	Variables map[string]string `yaml:"variables"`
	Profiles  []string          `yaml:"profiles"`
	// Why WOPR refuses it.
	Problem any `yaml:"problem"`
}

// How long a case may take.
const patience = 5 * time.Second

func main() {
	must(os.Setenv("HOME", "/home/somebody"))
	paths, err := filepath.Glob(filepath.Join(os.Args[1], "*.yaml"))
	must(err)
	sort.Strings(paths)
	projects := map[string]any{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(err)
		var one golden
		must(yaml.Unmarshal(text, &one))
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		made := make(chan any, 1)
		go func() { made <- read(one) }()
		select {
		case projects[name] = <-made:
		case <-time.After(patience):
			projects[name] = "does not come to an end"
		}
	}
	out, err := json.MarshalIndent(map[string]any{"reader": version(), "projects": projects}, "", "  ")
	must(err)
	fmt.Println(string(out))
}

// What compose-go makes of a case: the project, or the text of its refusal; nothing where it takes what WOPR refuses.
func read(one golden) any {
	root, err := os.MkdirTemp("", "compose-reference-")
	must(err)
	defer os.RemoveAll(root)
	folder := filepath.Join(root, "app")
	write(filepath.Join(folder, "compose.yaml"), one.File)
	for path, text := range one.Files {
		write(filepath.Join(folder, path), text)
	}
	files := []string{filepath.Join(folder, "compose.yaml")}
	for _, path := range one.Over {
		files = append(files, filepath.Join(folder, path))
	}
	var environment []string
	for key, value := range one.Variables {
		environment = append(environment, key+"="+value)
	}
	options, err := cli.NewProjectOptions(files, cli.WithWorkingDirectory(folder), cli.WithEnv(environment),
		cli.WithDefaultProfiles(one.Profiles...))
	must(err)
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return strings.ReplaceAll(err.Error(), root, "")
	}
	if one.Problem != nil {
		return nil
	}
	out, err := project.MarshalJSON()
	must(err)
	var plain any
	must(json.Unmarshal([]byte(strings.ReplaceAll(string(out), root, "")), &plain))
	return plain
}

func write(path, text string) {
	must(os.MkdirAll(filepath.Dir(path), 0o755))
	must(os.WriteFile(path, []byte(text), 0o644))
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if strings.HasPrefix(module.Path, "github.com/compose-spec/compose-go") {
			return module.Path + "@" + module.Version
		}
	}
	return "unknown"
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
