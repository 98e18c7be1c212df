import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UserClaims } from "../protocol/types.ts";
import { originOfCheck } from "./check-names.ts";
import { allOf, anyOf, ClaimUnknownError, hasScope, inGroup, not } from "./combine.ts";
import type { AuthContext, Check, PageAuthContext } from "./context.ts";
import { CHECK_TIMEOUT, type Decision, decide } from "./decide.ts";

/** Whatever a check can do, by a word. The last four say neither yes nor no. */
const answers = {
	yes: () => true,
	no: () => false,
	later: async () => true,
	laterNo: async () => false,
	throws: () => {
		throw new Error("database down");
	},
	rejects: () => Promise.reject(new Error("database down")),
	truthy: () => "yes",
	missing: () => undefined,
} satisfies Record<string, () => unknown>;
type Answer = keyof typeof answers;

const words = Object.keys(answers) as Answer[];
const pairs = words.flatMap((a) => words.map((b) => [a, b] as const));
const meaning = (word: Answer): boolean | undefined =>
	word === "yes" || word === "later"
		? true
		: word === "no" || word === "laterNo"
			? false
			: undefined;
const check = (word: Answer) => answers[word] as unknown as Check;

describe.each(pairs)("of %s and %s", (a, b) => {
	const both = [meaning(a), meaning(b)];
	const all = both.includes(false) ? false : both.includes(undefined) ? undefined : true;
	const any = both.includes(true) ? true : both.includes(undefined) ? undefined : false;

	it("allOf grants only for two yeses, and its opposite only if one is a plain no", async () => {
		expect(await isGranted(allOf(check(a), check(b)))).toBe(all === true);
		expect(await isGranted(not(allOf(check(a), check(b))))).toBe(all === false);
	});

	it("anyOf grants for one yes, and its opposite only if both are plain noes", async () => {
		expect(await isGranted(anyOf(check(a), check(b)))).toBe(any === true);
		expect(await isGranted(not(anyOf(check(a), check(b))))).toBe(any === false);
	});
});

describe("not", () => {
	it.each(words)("of %s grants only if that is a plain no, twice over too", async (word) => {
		expect(await isGranted(not(check(word)))).toBe(meaning(word) === false);
		expect(await isGranted(not(not(check(word))))).toBe(meaning(word) === true);
	});
});

it.each([
	["allOf", () => allOf(check("yes"), check("missing"))],
	["anyOf", () => anyOf(check("no"), check("missing"))],
	["not", () => not(check("missing"))],
])("%s of undefined is a plain no, and no mistake", async (_, combined) => {
	const decision = await decide([combined()], () => contextOf({}));
	expect(decision).toEqual({ outcome: "denied", reason: "check_denied" });
});

describe("the order of questions", () => {
	it("ends at the first answer that decides", async () => {
		const never = vi.fn(() => true);
		expect(await isGranted(allOf(check("yes"), check("no"), never))).toBe(false);
		expect(await isGranted(anyOf(check("no"), check("yes"), never))).toBe(true);
		expect(never).not.toHaveBeenCalled();
	});

	it("hands every check the same context", async () => {
		const seen: AuthContext[] = [];
		const look = (context: AuthContext) => seen.push(context) > 0;
		const context = contextOf({});
		await allOf(look, anyOf(look), not(not(look)))(context);
		expect(seen).toEqual([context, context, context]);
		expect(seen.every((one) => one === context)).toBe(true);
	});
});

describe("a check that hangs", () => {
	beforeEach(() => vi.useFakeTimers());
	afterEach(() => vi.useRealTimers());

	it.each([
		["allOf", (hanging: Check) => allOf(check("yes"), hanging)],
		["anyOf", (hanging: Check) => anyOf(hanging, check("yes"))],
		["not", not],
	] as const)("makes %s a no", async (_, combine) => {
		const decision = decide([combine(() => new Promise(() => {}))], () => contextOf({}));
		await vi.advanceTimersByTimeAsync(CHECK_TIMEOUT);
		expect(await decision).toEqual({ outcome: "denied", reason: "check_timed_out" });
	});
});

describe("inGroup", () => {
	it.each<[claims: Record<string, unknown>, isMember: boolean | undefined]>([
		[{ groups: ["staff", "admins"] }, true],
		[{ groups: "admins" }, true],
		[{ groups: ["staff"] }, false],
		[{ groups: [] }, false],
		[{ groups: "staff admins" }, false],
		[{ groups: ["Admins"] }, false],
		[{ groups: [["admins"]] }, false],
		[{}, undefined],
		[{ groups: null }, undefined],
		[{ groups: { admins: true } }, undefined],
		[{ groups: true }, undefined],
		[{ roles: ["admins"] }, undefined],
		[
			{
				_claim_names: { groups: "src1" },
				_claim_sources: { src1: { endpoint: "https://example.com" } },
			},
			undefined,
		],
	])("with the claims %j says %s", async (claims, isMember) => {
		const context = contextOf(claims);
		expect(await isGranted(inGroup("admins"), context)).toBe(isMember === true);
		expect(await isGranted(not(inGroup("admins")), context)).toBe(isMember === false);
	});

	it("says which claim is unknown, whatever it is combined with", async () => {
		const unknown = [
			inGroup("banned"),
			not(inGroup("banned")),
			allOf(check("yes"), not(inGroup("banned"))),
			anyOf(check("no"), inGroup("banned")),
			not(anyOf(inGroup("banned"), check("no"))),
		];
		for (const one of unknown) {
			const decision = await decide([one], () => contextOf({}));
			expect(decision).toMatchObject({ outcome: "denied", reason: "claim_missing" });
			const error = (decision as Decision & { outcome: "denied" }).error;
			expect(error).toBeInstanceOf(ClaimUnknownError);
			expect((error as ClaimUnknownError).claim).toBe("groups");
		}
	});

	it("looks at another claim where it is told to", async () => {
		expect(
			await isGranted(inGroup("admins", { claim: "roles" }), contextOf({ roles: ["admins"] })),
		).toBe(true);
		expect(
			await isGranted(inGroup("admins", { claim: "roles" }), contextOf({ groups: ["admins"] })),
		).toBe(false);
	});

	it("takes no claim from a prototype", async () => {
		const inherited: UserClaims = Object.create({ groups: ["admins"] });
		inherited.sub = "ada";
		expect(await isGranted(inGroup("admins"), contextOf(inherited))).toBe(false);
	});
});

describe("hasScope", () => {
	it("counts scopes that were granted", async () => {
		expect(await isGranted(hasScope("notes:write"), contextOf({}, ["openid", "notes:write"]))).toBe(
			true,
		);
		expect(
			await isGranted(hasScope("notes:write"), contextOf({}, ["openid", "notes:writer"])),
		).toBe(false);
		expect(await isGranted(not(hasScope("notes:write")), contextOf({}, []))).toBe(true);
	});
});

it.each([
	["allOf without checks", () => allOf()],
	["anyOf without checks", () => anyOf()],
	["allOf of undefined", () => allOf(undefined as never)],
	["anyOf of a boolean", () => anyOf(check("yes"), true as never)],
	["not of nothing", () => not(undefined as never)],
	["inGroup of a variable that is not set", () => inGroup(undefined as never)],
	["inGroup of nothing", () => inGroup("")],
	["inGroup of several", () => inGroup(["admins"] as never)],
	["hasScope of nothing", () => hasScope("")],
])("%s is refused when it is written", (_, make) => {
	expect(make).toThrow(TypeError);
});

it("notes of what a check was made, and where", () => {
	const origin = originOfCheck(
		allOf(inGroup("staff"), not(inGroup("banned", { claim: "roles" })), hasScope("x")),
	);
	expect(origin).toMatchObject({
		made: {
			by: "allOf",
			of: [
				{ made: { by: "inGroup", of: ['"staff"'] } },
				{
					made: {
						by: "not",
						of: [{ made: { by: "inGroup", of: ['"banned"', '{ claim: "roles" }'] } }],
					},
				},
				{ made: { by: "hasScope", of: ['"x"'] } },
			],
		},
	});
	expect(origin.site).toContain("combine.test.ts:");
});

async function isGranted(
	rule: Check<never>,
	context: AuthContext = contextOf({}),
): Promise<boolean> {
	return (await decide([rule as Check], () => context)).outcome === "granted";
}

function contextOf(
	claims: Record<string, unknown>,
	grantedScopes: readonly string[] = [],
): PageAuthContext {
	if (!Object.hasOwn(claims, "sub") && Object.getPrototypeOf(claims) === Object.prototype)
		claims.sub = "ada";
	const tokens = { accessToken: async () => "", tokenExtra: async () => ({}) };
	const user = {
		...tokens,
		sub: "ada",
		name: "Ada",
		claims: claims as UserClaims,
		provider: "generic",
		grantedScopes,
	};
	return {
		kind: "page",
		user: { ...user, email: undefined, picture: undefined, issuer: "https://id.example.com" },
		request: new Request("https://app.example.com/"),
		getState: () => {
			throw new Error("There is no state here");
		},
	};
}
