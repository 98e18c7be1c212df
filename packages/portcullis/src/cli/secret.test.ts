import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { resolveSecrets } from "../config/secrets.ts";
import { run } from "./program.ts";

const A = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";
const B = "Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7Ap0Re";
const C = "Hy2Wn7Sd4Ku9Rb1Vf6Mx3Gz8Tc5Lj0Pq";

beforeEach(() => {
	vi.stubEnv("PORTCULLIS_SECRET", "");
});
afterEach(() => {
	vi.unstubAllEnvs();
});

it("prints a fresh secret of 256 bits that a gate takes, and nothing else", async () => {
	const printed = await Promise.all(Array.from({ length: 50 }, () => runNow(["secret"])));
	for (const { code, out, err } of printed) {
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).toMatch(/^[\w-]{43}\n$/);
		expect(resolveSecrets(out.trim(), {}, [])).toHaveProperty("shared");
	}
	expect(new Set(printed.map(({ out }) => out)).size).toBe(50);
	const json = await runNow(["secret", "--json"]);
	expect(JSON.parse(json.out)).toEqual({ value: expect.stringMatching(/^[\w-]{43}$/) });
});

it.each([
	["one", A, [A], [A]],
	["two", `${A},${B}`, [A, B], [A, B]],
	["three, of which two are kept", ` ${A} , ${B},,${C}`, [A, B, C], [A, B]],
	["the same twice", `${A},${A}`, [A], [A]],
])("rotates %s: the new one last, then first, then alone", async (_what, current, opened, kept) => {
	vi.stubEnv("PORTCULLIS_SECRET", current);
	const { code, out, err } = await runNow(["secret", "--rotate", "--json"]);
	expect(code).toBe(0);
	const { steps } = JSON.parse(out) as {
		steps: { step: string; value: string; waitSeconds: number }[];
	};
	const fresh = steps[2]?.value ?? "";
	expect(fresh).toMatch(/^[\w-]{43}$/);
	expect(steps).toEqual([
		{ step: "add", value: [...opened, fresh].join(","), waitSeconds: 0 },
		{ step: "use", value: [fresh, ...kept].join(","), waitSeconds: 0 },
		{ step: "drop", value: fresh, waitSeconds: 604_800 },
	]);
	// What goes to the standard error ends up in logs of build servers.
	for (const secret of [A, B, C, fresh]) expect(err).not.toContain(secret);
	expect(err.includes("Warning")).toBe(opened.length > 2);
});

it("says in words what to do with each value", async () => {
	const { out } = await runNow(["secret", "--rotate"], `${A}\n`);
	const fresh = /[\w-]{43}/.exec(out)?.[0];
	expect(out.split("\n").filter((line) => line.startsWith("  "))).toEqual([
		`  ${A},${fresh}`,
		`  ${fresh},${A}`,
		`  ${fresh}`,
	]);
	expect(out).toContain("before you begin with the next");
	expect(out).toContain("Seven days");
});

it("reads the variable first, and says which it has read", async () => {
	expect((await runNow(["secret", "--rotate"], B)).err).toContain("from the standard input");
	vi.stubEnv("PORTCULLIS_SECRET", A);
	const both = await runNow(["secret", "--rotate"], B);
	expect(both.err).toContain("from PORTCULLIS_SECRET");
	expect(both.out).not.toContain(B);
});

it.each([
	["secret_missing", ""],
	["secret_missing", " \n"],
	["secret_malformed", ","],
	["secret_malformed", `PORTCULLIS_SECRET=${A}`],
	["secret_malformed", `export PORTCULLIS_SECRET=${A}`],
	["secret_malformed", `"${A}"`],
	["secret_malformed", `${A}\n${B}`],
	["secret_weak", "tooshort-Kq7"],
	["secret_weak", `${A},changeme-changeme-changeme-changeme`],
	["secret_weak", "a".repeat(64)],
])("ends with 2 and %s, and repeats nothing of the value", async (code, value) => {
	for (const viaVariable of [true, false]) {
		vi.stubEnv("PORTCULLIS_SECRET", viaVariable ? value : "");
		const ended = await runNow(["secret", "--rotate"], viaVariable ? "" : value);
		expect(ended).toMatchObject({ code: 2, out: "" });
		expect(ended.err).toContain(`portcullis secret: ${code}: `);
		for (const part of value
			.split(/[=,\s"]+/)
			.filter((text) => text.length > 20 || /Kq7/.test(text)))
			expect(ended.err).not.toContain(part);
	}
});

it.each([
	[["--rotate", A]],
	[[A]],
	[[`--rotate=${A}`]],
	[[`--secret=${A}`]],
	[["--secret", A]],
	[["--rotate", "--", A]],
	[[`-${A}`]],
])("takes no secret as an argument, says why, and does not repeat it: %j", async (args) => {
	vi.stubEnv("PORTCULLIS_SECRET", B);
	const { code, out, err } = await runNow(["secret", ...args]);
	expect({ code, out }).toEqual({ code: 2, out: "" });
	expect(err).toContain("secret_argument");
	expect(err).toContain("other users of this machine");
	expect(err).not.toContain(A);
	expect(err).not.toContain(B);
});

/** Runs the command with a standard input. */
async function runNow(
	args: readonly string[],
	input = "",
): Promise<{ code: number; out: string; err: string }> {
	const written = { out: "", err: "" };
	const code = await run(args, {
		out: (text) => (written.out += text),
		err: (text) => (written.err += text),
		in: async () => input,
		signal: AbortSignal.abort(),
	});
	return { code, ...written };
}
