import { expect, it } from "vitest";
import { challengeOf, isChallenge } from "./popup-handoff.ts";

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

it("makes the challenge of RFC 7636 appendix B of its verifier", async () => {
	expect(await challengeOf(VERIFIER)).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

it.each([
	"",
	"short",
	VERIFIER.slice(1),
	`${VERIFIER}A`,
	`${VERIFIER}\n`,
	VERIFIER.replace("-", "+"),
	` ${VERIFIER.slice(1)}`,
	"*",
])("takes %j for no verifier", async (text) => {
	expect([isChallenge(text), await challengeOf(text)]).toEqual([false, undefined]);
});
