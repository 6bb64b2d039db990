#!/usr/bin/env node
import module from "node:module";

// Newer Nodes keep compiled code on disk, which makes every command start sooner.
module.enableCompileCache?.();
await import("../dist/program/cli.js");
