import { afterAll } from "vitest";
import { endFile } from "./after-file.ts";

/** Setup file of the test projects: what helpers have opened for a test file is closed after it. */
afterAll(endFile);
