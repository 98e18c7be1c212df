import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertFreshBuild, manifest } from "../support/built-package.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { extractCodeBlocks } from "../support/code-blocks.ts";
import { output, run } from "../support/run.ts";
import { packageFolder, repositoryFolder } from "../support/source-tree.ts";

// What docs/getting-started.md promises, done as it is written there, with the package as npm packs
// it: from an empty folder to somebody who is signed in.

const guide = readFileSync(join(repositoryFolder, "docs", "getting-started.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "portcullis-new-user-"));
const app = join(folder, "app");
const running: ChildProcess[] = [];
let tarball: string;

beforeAll(async () => {
	assertFreshBuild();
	await output("npm", ["pack", "--pack-destination", folder], { cwd: packageFolder });
	tarball = join(folder, `${manifest.name}-${manifest.version}.tgz`);
	mkdirSync(app);
}, 60_000);

afterAll(async () => {
	await Promise.all(running.map(stop));
	rmSync(folder, { recursive: true, force: true });
});

test("a new user is signed in within two minutes of an empty folder", async () => {
	const begun = performance.now();
	const from = await install();
	const installed = performance.now();

	const files = extractCodeBlocks(guide).filter(({ path }) => path !== undefined);
	expect(files.map(({ path }) => path)).toEqual(["server.ts"]);
	const port = await freePort();
	for (const { path = "", code } of files)
		writeFileSync(join(app, path), code.replace("port: 3000", `port: ${port}`));

	const idp = start(["node_modules/portcullis/bin/portcullis.js", "dev-idp", "--port", "0"]);
	const said = await saying(idp, /Press Ctrl-C/);
	writeFileSync(
		join(app, ".env"),
		[...said.matchAll(/^\s*(OIDC_\w+=\S+)$/gm)].map(([, line]) => `${line}\n`).join(""),
	);
	start(["--env-file=.env", "server.ts"]);
	const origin = `http://localhost:${port}`;
	await answering(origin);

	const browser = await chromium.launch(CHROMIUM);
	try {
		const page = await browser.newPage();
		page.setDefaultTimeout(30_000);
		await page.goto(`${origin}/hello`);
		await page.getByRole("link", { name: "Login with Single sign-on" }).click();
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${origin}/hello`);
		expect(await page.textContent("body")).toContain("Hello Ada Lovelace");
	} finally {
		await browser.close();
	}
	const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);
	const whole = performance.now() - begun;
	const lines = files
		.flatMap(({ code }) => code.split("\n"))
		.filter((line) => line.trim() !== "").length;
	console.info(
		`From an empty folder to a login: ${seconds(begun)} s, of it install from ${from} ${((installed - begun) / 1000).toFixed(1)} s; ${lines} lines`,
	);
	expect(whole).toBeLessThan(120_000);
}, 180_000);

/**
 * Runs the commands of the guide, in the versions that the repository has. Where neither npm's
 * cache nor the registry has them, the packages of the repository are linked.
 */
async function install(): Promise<string> {
	const commands = /```sh\n([\s\S]*?)```/.exec(guide)?.[1]?.trim().split("\n") ?? [];
	expect(commands.filter((command) => command.startsWith("npm install"))).toHaveLength(2);
	let from = "the registry or npm's cache";
	for (const command of commands) {
		const [program = "", verb = "", ...args] = command.split(" ");
		if (verb !== "install") {
			await output(program, [verb, ...args], { cwd: app });
			continue;
		}
		const quiet = [
			"--prefer-offline",
			"--no-audit",
			"--no-fund",
			"--fetch-retries=0",
			"--fetch-timeout=20000",
		];
		const { code } = await run(program, [verb, ...quiet, ...args.map(versioned)], { cwd: app });
		if (code === 0) continue;
		from = "the repository";
		const dependencies = Object.keys(manifest.dependencies).map((name) => `file:${folderOf(name)}`);
		const linked = args.map((name) => (isOther(name) ? `file:${folderOf(name)}` : versioned(name)));
		const own = args.includes(manifest.name) ? dependencies : [];
		await output(
			program,
			[verb, "--offline", "--no-audit", "--no-fund", "--legacy-peer-deps", ...linked, ...own],
			{
				cwd: app,
			},
		);
	}
	return from;
}

const isOther = (name: string) => !name.startsWith("-") && name !== manifest.name;

function versioned(name: string): string {
	if (name === manifest.name) return `file:${tarball}`;
	return isOther(name) ? `${name}@${packageOf(name).version}` : name;
}

function folderOf(name: string): string {
	return dirname(packageOf(name).path);
}

function packageOf(name: string): { path: string; version: string } {
	const require = createRequire(join(packageFolder, "package.json"));
	const path = require.resolve
		.paths(name)
		?.map((base) => join(base, name, "package.json"))
		.find((candidate) => {
			try {
				return require(candidate).name === name;
			} catch {
				return false;
			}
		});
	if (path === undefined) throw new Error(`${name} is not installed in the repository`);
	return { path, version: require(path).version };
}

function start(args: readonly string[]): ChildProcess {
	const env = { PATH: process.env.PATH, HOME: folder };
	const child = spawn(process.execPath, args, { cwd: app, env, stdio: ["ignore", "pipe", "pipe"] });
	running.push(child);
	return child;
}

/**
 * Waits for a text on the standard output; rejects with all that was written if the process ends
 * before.
 */
function saying(child: ChildProcess, text: RegExp): Promise<string> {
	return new Promise((resolve, reject) => {
		let said = "";
		for (const stream of [child.stdout, child.stderr])
			stream?.setEncoding("utf8").on("data", (piece: string) => {
				said += piece;
				if (text.test(said)) resolve(said);
			});
		child.once("exit", (code) => reject(new Error(`ended with ${code}\n${said}`)));
	});
}

function stop(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		if (child.exitCode !== null || child.signalCode !== null) return resolve();
		child.once("exit", () => resolve());
		child.kill();
	});
}

async function answering(url: string): Promise<void> {
	await expect
		.poll(async () => (await fetch(url).catch(() => undefined))?.status, { timeout: 30_000 })
		.toBe(200);
}

/** Free now, and in all likelihood when the app listens. */
function freePort(): Promise<number> {
	const server = createServer();
	return new Promise((resolve) => {
		server.listen(0, "localhost", () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}
