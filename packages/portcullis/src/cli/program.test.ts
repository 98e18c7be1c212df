import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startDevIdp } from "../testing/dev-idp.ts";
import { run } from "./program.ts";
import { packageVersion } from "./version.ts";

const folder = mkdtempSync(join(tmpdir(), "portcullis-cli-"));

afterEach(() => vi.unstubAllEnvs());

describe("portcullis", () => {
	it("prints its version and its commands", async () => {
		expect(await runNow("--version")).toEqual({ code: 0, out: `${packageVersion()}\n`, err: "" });
		expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
		const help = await runNow("--help");
		expect(help.code).toBe(0);
		expect(help.out).toContain("dev-idp");
		expect(help.out).toContain("surfaces");
	});

	it.each([
		[["unknown"]],
		[["--unknown"]],
		[["dev-idp", "--unknown"]],
		[["dev-idp", "--port", "x"]],
		[["dev-idp", "--port", "65536"]],
		[["dev-idp", "extra"]],
		[[]],
	])("ends with 2 on bad usage: %j", async (args) => {
		const { code, out, err } = await runNow(...args);
		expect(code).toBe(2);
		expect(out).toBe("");
		expect(err).not.toBe("");
	});
});

describe("portcullis dev-idp", () => {
	it("says where it is, what to paste and who there is, answers, and stops", async () => {
		const stop = new AbortController();
		let out = "";
		const ended = run(["dev-idp", "--port", "0"], {
			out: (text) => (out += text),
			err: () => {},
			signal: stop.signal,
		});
		await vi.waitUntil(() => out.includes("Ctrl-C"), { timeout: 10_000 });
		const issuer = /OIDC_ISSUER_URI=(\S+)/.exec(out)?.[1] ?? "";
		expect(out).toMatch(/OIDC_CLIENT_ID=\S+\n.*OIDC_CLIENT_SECRET=\S{32,}\n/);
		expect(out).toContain("Ada Lovelace  ada@example.com  (admins, staff)");
		expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200);
		stop.abort();
		expect(await ended).toBe(0);
		await expect(fetch(issuer)).rejects.toThrow();
	});

	it("takes people from a file", async () => {
		const file = write(
			"people.json",
			JSON.stringify([{ sub: "g", name: "Grace Hopper", email: "grace@example.com" }]),
		);
		const { code, out } = await runNow("dev-idp", "--port", "0", "--people", file);
		expect(code).toBe(0);
		expect(out).toContain("Grace Hopper  grace@example.com");
		expect(out).not.toContain("Ada");
	});

	it.each([
		["not there", undefined, "ENOENT"],
		["not JSON", "[", "JSON"],
		["not a list", "{}", "not a list"],
		["of people without a sub", '[{ "name": "A", "email": "a@example.com" }]', "sub is missing"],
	])("ends with 2 if the file is %s", async (_what, text, message) => {
		const file = text === undefined ? join(folder, "none.json") : write("wrong.json", text);
		const { code, err } = await runNow("dev-idp", "--people", file);
		expect(code).toBe(2);
		expect(err).toContain(message);
	});

	it("ends with 2 in production, and where the port is taken", async () => {
		const idp = await startDevIdp();
		const taken = await runNow("dev-idp", "--port", String(idp.port));
		await idp.close();
		expect(taken).toMatchObject({ code: 2, out: "" });
		expect(taken.err).toContain("taken");
		vi.stubEnv("NODE_ENV", "production");
		const refused = await runNow("dev-idp");
		expect(refused.code).toBe(2);
		expect(refused.err).toContain("NODE_ENV=production");
	});
});

/** Runs a command that is interrupted before it starts to wait. */
async function runNow(...args: string[]): Promise<{ code: number; out: string; err: string }> {
	const written = { out: "", err: "" };
	const code = await run(args, {
		out: (text) => (written.out += text),
		err: (text) => (written.err += text),
		signal: AbortSignal.abort(),
	});
	return { code, ...written };
}

function write(name: string, text: string): string {
	const file = join(folder, name);
	writeFileSync(file, text);
	return file;
}

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
