#!/usr/bin/env node
// Here and not in dist, which is not there yet when a fresh checkout is installed: npm links only
// what exists.
import "../dist/cli.js";
