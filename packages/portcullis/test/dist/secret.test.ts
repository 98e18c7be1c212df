import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { assertFreshBuild } from "../support/built-package.ts";
import { packageFolder } from "../support/source-tree.ts";

// `portcullis secret` as it is installed, with a real standard input.

const IN_USE = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";

beforeAll(() => assertFreshBuild());

test("makes a secret, and rotates what it reads from the variable or the standard input", () => {
	const fresh = secret([], {});
	expect(fresh).toEqual({ code: 0, out: expect.stringMatching(/^[\w-]{43}\n$/), err: "" });
	for (const outcome of [
		secret(["--rotate"], { PORTCULLIS_SECRET: IN_USE }),
		secret(["--rotate"], {}, `${IN_USE}\n`),
	]) {
		expect(outcome.code).toBe(0);
		expect(outcome.out).toMatch(
			new RegExp(`^ {2}${IN_USE},([\\w-]{43})$[^]*^ {2}\\1,${IN_USE}$[^]*^ {2}\\1$`, "m"),
		);
		expect(outcome.err).not.toContain(IN_USE);
	}
	expect(secret(["--rotate"], {})).toMatchObject({
		code: 2,
		out: "",
		err: expect.stringContaining("secret_missing"),
	});
});

function secret(args: readonly string[], env: Record<string, string>, input = "") {
	const command = join(packageFolder, "bin/portcullis.js");
	const ended = spawnSync(process.execPath, [command, "secret", ...args], {
		env,
		input,
		encoding: "utf8",
	});
	return { code: ended.status, out: ended.stdout, err: ended.stderr };
}
