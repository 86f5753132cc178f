// Unpacks the package's Brotli archives into the folder given.
const fs = require("fs"), path = require("path"), zlib = require("zlib"), { execFileSync } = require("child_process");
const dir = process.argv[1];
const unpack = (name, to) => fs.writeFileSync(to, zlib.brotliDecompressSync(fs.readFileSync(path.join(dir, "package", "bin", name))));
unpack("chromium.br", path.join(dir, "chromium"));
fs.chmodSync(path.join(dir, "chromium"), 0o755);
for (const [name, into] of [["al2023", "al2023"], ["fonts", "fonts"], ["swiftshader", "."]]) {
  const tar = path.join(dir, name + ".tar"), to = path.join(dir, into);
  unpack(name + ".tar.br", tar);
  fs.mkdirSync(to, { recursive: true });
  execFileSync("tar", ["-xf", tar, "-C", to]);
  fs.rmSync(tar);
}
