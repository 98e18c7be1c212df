import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type FaultyIdp, startFaultyIdp } from "../testing/faulty-idp.ts";
import type { Prompts } from "./connect/prompts.ts";
import { run } from "./program.ts";
import type { Terminal } from "./terminal.ts";

const SECRET = "client-secret-h7Kq2Vx9Tz4Lm6";
const WRONG = "another-secret-k3Wp8Zs5Bn1Qy7";
const ORIGIN = "https://app.example.com";
const clients = [
	{ clientId: "portcullis-test", clientSecret: SECRET },
	{ clientId: "public-client" },
];
const idp: FaultyIdp = await startFaultyIdp({
	algorithm: "ES256",
	clients,
	redirectUris: [`${ORIGIN}/callback`],
});
const folder = mkdtempSync(join(tmpdir(), "portcullis-connect-"));
const file = join(folder, ".env");
const given = ["--issuer", idp.issuer, "--client-id", "portcullis-test", "--origin", ORIGIN];

mkdirSync(join(folder, ".git"));
beforeEach(() => {
	idp.reset();
	rmSync(file, { force: true });
	for (const name of ["ISSUER_URI", "CLIENT_ID", "CLIENT_SECRET"])
		for (const prefix of ["OIDC", "OKTA", "KEYCLOAK"]) vi.stubEnv(`${prefix}_${name}`, undefined);
	vi.spyOn(process, "cwd").mockReturnValue(folder);
});
afterAll(async () => {
	await idp.close();
	rmSync(folder, { recursive: true });
});

describe("without a terminal", () => {
	it("tries the settings, says what to register, and writes .env for its owner alone", async () => {
		writeFileSync(file, "# Ours\nPORT=3000\n");
		const { code, out, err } = await connect(["okta", ...given, "--client-secret-stdin"], {
			input: `${SECRET}\n`,
		});
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).toContain("The client portcullis-test is known, and its secret is right");
		expect(out).toContain(`Redirect URI          ${ORIGIN}/callback\n`);
		expect(out).toContain(`After a logout        ${ORIGIN}/logout\n`);
		expect(out).toContain(`Back-channel logout   ${ORIGIN}/_portcullis/backchannel-logout/okta\n`);
		expect(out).toContain("OKTA_ISSUER_URI, OKTA_CLIENT_ID, OKTA_CLIENT_SECRET written to .env");
		expect(out).not.toContain(SECRET);
		expect(readFileSync(file, "utf8")).toBe(
			`# Ours\nPORT=3000\nOKTA_ISSUER_URI=${idp.issuer}\nOKTA_CLIENT_ID=portcullis-test\nOKTA_CLIENT_SECRET=${SECRET}\n`,
		);
		expect(statSync(file).mode & 0o777).toBe(0o600);
	});

	it("takes the secret from a variable, writes for every origin, and prints JSON", async () => {
		vi.stubEnv("MY_SECRET", SECRET);
		const more = [
			"--origin",
			"http://localhost:3000",
			"--client-secret-env",
			"MY_SECRET",
			"--json",
		];
		const { code, out, err } = await connect(["generic", ...given, ...more]);
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).not.toContain(SECRET);
		expect(JSON.parse(out)).toMatchObject({
			provider: "generic",
			register: [
				{ origin: ORIGIN, redirectUri: `${ORIGIN}/callback` },
				{ origin: "http://localhost:3000", redirectUri: "http://localhost:3000/callback" },
			],
			written: { file, variables: ["OIDC_ISSUER_URI", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] },
		});
	});

	it("connects a public client, and forgets the secret of the one before", async () => {
		writeFileSync(file, `OIDC_CLIENT_SECRET=${SECRET}\nOIDC_CLIENT_ID=portcullis-test\n`);
		const args = [
			"generic",
			"--issuer",
			idp.issuer,
			"--client-id",
			"public-client",
			"--public",
			"--origin",
			ORIGIN,
		];
		expect((await connect(args)).code).toBe(1);
		expect((await connect([...args, "--yes"])).code).toBe(0);
		expect(readFileSync(file, "utf8")).toBe(
			`OIDC_CLIENT_ID=public-client\nOIDC_ISSUER_URI=${idp.issuer}\n`,
		);
	});

	it("gives each of several providers its own callback, and says if they are in each other's way", async () => {
		writeFileSync(
			file,
			`KEYCLOAK_ISSUER_URI=${idp.issuer}\nKEYCLOAK_CLIENT_ID=other\nKEYCLOAK_CLIENT_SECRET=${WRONG}\n`,
		);
		const { code, out } = await connect(["okta", ...given, "--client-secret-stdin", "--json"], {
			input: SECRET,
		});
		expect(code).toBe(1);
		const { findings, register, written } = JSON.parse(out);
		expect(register[0].redirectUri).toBe(`${ORIGIN}/callback/okta`);
		expect(findings.filter(({ status }: { status: string }) => status === "fail")).toMatchObject([
			{ id: "settings", cause: expect.stringContaining("share the issuer") },
			{ id: "redirect-uri" },
		]);
		expect(written).toBe(null);
	});

	it.each([
		["a wrong secret", WRONG, given, "The client secret is wrong"],
		[
			"a wrong issuer",
			SECRET,
			["--issuer", `${idp.issuer}/x`, ...given.slice(2)],
			"OKTA_ISSUER_URI is not an issuer",
		],
		[
			"an issuer over plain http",
			SECRET,
			["--issuer", "http://id.example.com", ...given.slice(2)],
			"which is not https",
		],
	])("writes nothing for %s", async (_what, input, args, cause) => {
		const { code, out, err } = await connect(["okta", ...args, "--client-secret-stdin"], { input });
		expect(code).toBe(1);
		expect(out).toContain(cause);
		expect(err).toBe("Nothing was written.\n");
		expect(out).not.toContain(input);
		expect(() => readFileSync(file)).toThrow("ENOENT");
	});

	it("is not held up by a redirect URI that is not registered yet", async () => {
		const args = [
			"okta",
			...given.slice(0, 4),
			"--origin",
			"https://new.example.com",
			"--client-secret-stdin",
		];
		const { code, out } = await connect(args, { input: SECRET });
		expect(code).toBe(0);
		expect(out).toContain("https://new.example.com/callback is not registered");
	});

	it("replaces other values only if it is told to, and warns of variables of the shell", async () => {
		writeFileSync(file, "OKTA_CLIENT_ID=before\n");
		vi.stubEnv("OKTA_CLIENT_ID", "of-the-shell");
		const args = ["okta", ...given, "--client-secret-stdin"];
		const refused = await connect(args, { input: SECRET });
		expect(refused).toMatchObject({
			code: 1,
			err: expect.stringContaining("other values of OKTA_CLIENT_ID"),
		});
		expect(readFileSync(file, "utf8")).toBe("OKTA_CLIENT_ID=before\n");
		const replaced = await connect([...args, "--yes"], { input: SECRET });
		expect(replaced).toMatchObject({
			code: 0,
			err: expect.stringContaining("OKTA_CLIENT_ID of this shell go before"),
		});
		expect(readFileSync(file, "utf8")).toContain("OKTA_CLIENT_ID=portcullis-test\n");
	});

	it("uses what is set already", async () => {
		writeFileSync(
			file,
			`OKTA_ISSUER_URI=${idp.issuer}\nOKTA_CLIENT_ID=portcullis-test\nOKTA_CLIENT_SECRET=${SECRET}\n`,
		);
		expect((await connect(["okta", "--origin", ORIGIN])).code).toBe(0);
	});

	it("names everything that is missing at once", async () => {
		expect(await connect(["okta"])).toEqual({
			code: 2,
			out: "",
			err: "portcullis connect asks nothing without a terminal. Give --issuer <uri>; --client-id <id>; --client-secret-stdin, --client-secret-env <name> or --public; --origin <origin>.\n",
		});
		// Google's issuer is known.
		expect((await connect(["google"])).err).not.toContain("--issuer");
		expect((await connect([])).code).toBe(2);
	});

	it.each([
		[["okta", "--client-secret", WRONG]],
		[["okta", `--client-secret=${WRONG}`]],
		[["okta", WRONG]],
	])("takes no secret as an argument, and does not quote it: %#", async (args) => {
		const { code, out, err } = await connect([...args, ...given]);
		expect(code).toBe(2);
		expect(out + err).not.toContain(WRONG);
	});

	it.each([
		[["okta", "--client-secret-stdin", "--client-secret-env", "A"]],
		[["okta", "--public", "--client-secret-stdin"]],
		[["No such"]],
		[["okta", "--origin", "app.example.com"]],
		[["okta", "--client-secret-env", "NOT_SET_ANYWHERE"]],
	])("ends with 2 for %j", async (args) => {
		expect((await connect(args)).code).toBe(2);
	});
});

describe("in a terminal", () => {
	it("asks for what is missing, and again if it does not work", async () => {
		const asked: string[] = [];
		const secrets = [WRONG, SECRET];
		const prompts: Prompts = {
			select: async (message) => note(message, "okta"),
			text: async (message, initial) =>
				note(message, { Issuer: idp.issuer, "Client id": "portcullis-test" }[message] ?? initial),
			secret: async (message) => note(message, secrets.shift() ?? ""),
			confirm: async (message) => note(message, true),
		};
		const note = <T>(message: string, answer: T): T => {
			asked.push(message);
			return answer;
		};
		const { code, out } = await connect([], { prompts });
		expect(code).toBe(0);
		expect(asked).toEqual([
			"Which provider?",
			"Issuer",
			"Client id",
			"Client secret (empty for a public client)",
			"Origins of the app, separated by commas",
			"That does not work yet. Change the settings?",
			"Issuer",
			"Client id",
			"Client secret (empty to keep the one that is set)",
			"Write .env?",
		]);
		expect(out).toContain("http://localhost:3000/callback");
		for (const secret of [SECRET, WRONG]) expect(out).not.toContain(secret);
		expect(readFileSync(file, "utf8")).toContain(`OKTA_CLIENT_SECRET=${SECRET}\n`);
	});

	it("writes nothing if the person does not want it", async () => {
		const prompts: Prompts = {
			select: async () => "okta",
			text: async (_message, initial) => initial,
			secret: async () => SECRET,
			confirm: async () => false,
		};
		expect(await connect(["okta", ...given], { prompts })).toMatchObject({
			code: 1,
			err: "Nothing was written.\n",
		});
		expect(() => readFileSync(file)).toThrow("ENOENT");
	});
});

async function connect(
	args: readonly string[],
	{ input = "", prompts }: { input?: string; prompts?: Prompts } = {},
) {
	const written = { out: "", err: "" };
	const terminal: Terminal = {
		out(text) {
			written.out += text;
		},
		err(text) {
			written.err += text;
		},
		in: async () => input,
		...(prompts && { prompts }),
		signal: new AbortController().signal,
	};
	const code = await run(["connect", ...args], terminal);
	return { code, ...written };
}
