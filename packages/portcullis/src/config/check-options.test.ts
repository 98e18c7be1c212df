import { describe, expect, test } from "vitest";
import { checkGateOptions, checkOptions, resolveOptions } from "./check-options.ts";
import { DEFAULT_ROUTES, type GateOptions, type PortcullisOptions } from "./options.ts";

const ofPortcullis = (options: object) => checkOptions(options as PortcullisOptions);
const ofGate = (options: object) => checkGateOptions(options as GateOptions, DEFAULT_ROUTES);

describe("an option in the wrong place is a mistake that names the right one", () => {
	test.each<[string, readonly { problem: string; remedy: string }[], string, string]>([
		[
			"a top option in gate()",
			ofGate({ store: {} }),
			"`store` is an option of portcullis(), not of gate()",
			"Write it there: portcullis({ store }).",
		],
		[
			"an option of a group in gate()",
			ofGate({ embed: { ancestors: [] } }),
			"`embed` is an option of portcullis(), not of gate()",
			"Write it there: portcullis({ http: { embed } }).",
		],
		[
			"a gate option in portcullis()",
			ofPortcullis({ pages: {} }),
			"`pages` is an option of gate(), not of portcullis()",
			"Write it there: gate({ pages }).",
		],
		[
			"a gate option in a group",
			ofPortcullis({ http: { assets: [] } }),
			"`assets` is an option of gate(), not of portcullis()",
			"Write it there: gate({ assets }).",
		],
		[
			"an option of a group at the top",
			ofPortcullis({ hsts: 0 }),
			"`hsts` belongs to `http: { hsts }`",
			"Write portcullis({ http: { hsts } }).",
		],
		[
			"an option of another group",
			ofPortcullis({ http: { timeout: 1 } }),
			"`timeout` belongs to `platform: { timeout }`",
			"Write portcullis({ platform: { timeout } }).",
		],
		[
			"a top option in a group",
			ofPortcullis({ session: { secret: "x" } }),
			"`secret` is an option of portcullis() itself, not of `session`",
			"Write portcullis({ secret }).",
		],
	])("%s", (_, problems, problem, remedy) => {
		expect(problems).toEqual([{ problem, remedy }]);
	});
});

describe("an unknown option is a mistake, with the names that it may have meant", () => {
	test.each<[object, string, string]>([
		[{ trustproxy: true }, 'portcullis() has no option "trustproxy"', "http: { trustProxy }?"],
		[{ stroe: {} }, 'portcullis() has no option "stroe"', "Did you mean store?"],
		[{ http: { hst: 1 } }, 'http has no option "hst"', "Did you mean http: { hsts }?"],
		[{ session: { claimMaxAge: 1 } }, 'session has no option "claimMaxAge"', "claimsMaxAge"],
		[{ somethingElse: 1 }, 'portcullis() has no option "somethingElse"', "Known options: prov"],
	])("%j", (options, problem, remedy) => {
		const problems = ofPortcullis(options);
		expect(problems).toEqual([{ problem, remedy: expect.stringContaining(remedy) }]);
	});

	test("far names suggest nothing", () => {
		expect(ofPortcullis({ somethingElse: 1 })[0]?.remedy).not.toContain("Did you mean");
	});
});

test.each(["session", "http", "ui", "platform"])("%s has to be an object", (group) => {
	for (const value of [null, 1, "text", true])
		expect(ofPortcullis({ [group]: value })).toEqual([
			expect.objectContaining({ problem: `${group} is not an object` }),
		]);
	expect(ofPortcullis({ [group]: undefined })).toEqual([]);
});

test("of each kind of option, what is no such thing is a mistake", () => {
	const problems = ofPortcullis({
		extraScopes: "groups",
		store: null,
		session: { backchannelLogout: true, sharedCallback: null },
		http: { routes: "none", hsts: 1.5, embed: null, bearer: [] },
		ui: { views: null, languages: "de" },
		platform: { env: "x", fetch: 1, now: 1, log: {}, audit: {}, telemetry: {}, timeout: null },
	}).map(({ problem }) => problem);
	expect(problems).toEqual([
		"extraScopes is no list",
		"store is no store",
		"session.sharedCallback is neither true nor false",
		"http.routes is not an object",
		"http.hsts is not a whole number of seconds from 0 to 63072000",
		"http.embed.ancestors is not a list of origins, or an empty one",
		"http.bearer.audience is neither a text nor a list of texts",
		"ui.views is not an object",
		"ui.languages is not an object",
		"platform.env is not an object",
		"platform.fetch is not a function",
		"platform.timeout is not a number of seconds from 0.1 to 60",
		"platform.now is not a function",
		"platform.log is not a function",
		"platform.audit is not a function",
		"platform.telemetry does not measure",
	]);
});

describe("defaults", () => {
	test("count where nothing is given, and nowhere else", () => {
		const of = (platform?: object) => resolveOptions("platform", platform);
		expect(of()).toEqual({ timeout: 5, clockTolerance: 60 });
		expect(of({ timeout: undefined, clockTolerance: 0 })).toEqual({
			timeout: 5,
			clockTolerance: 0,
		});
		expect(resolveOptions("session", { outageGrace: 0, claimsMaxAge: 0, loginLimit: 0 })).toEqual({
			...{ outageGrace: 0, claimsMaxAge: 0, loginLimit: 0 },
			sharedCallback: false,
		});
	});

	test("options that a class brings count as well", () => {
		class Session {
			get outageGrace() {
				return 1;
			}
		}
		expect(resolveOptions("session", new Session()).outageGrace).toBe(1);
	});
});
