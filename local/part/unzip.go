package part

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
)

func unzip(file, into string) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer archive.Close()
	return os.CopyFS(into, archive)
}

// copyFiles copies the files of one folder that end so.
func copyFiles(from, ending, into string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ending) {
			continue
		}
		if err := copyFile(filepath.Join(from, entry.Name()), filepath.Join(into, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}
