package collection

// Config says where the collections are.
type Config struct {
	// Dir is the folder of the collections' YAML files, relative to the working
	// directory: in Lambda the function's artifact.
	Dir string `env:"COLLECTIONS_DIR" envDefault:"collections"`
	// Default names the collection that takes records which nothing else claims.
	// Empty: such records are dead-lettered as unknown_collection.
	Default string `env:"DEFAULT_COLLECTION"`
}

// Open is LoadDir and WithDefault. As with Load, the set holds what is right even
// where the error tells of something that is not.
func Open(cfg Config) (*Set, error) {
	set, err := LoadDir(cfg.Dir)
	if err != nil {
		return set, err
	}
	return set.WithDefault(cfg.Default)
}
