import { describe, expect, test } from "vitest";
import { Revocations, revocationsOf, signOutOf } from "./revocations.ts";
import { MAX_SESSION_AGE } from "./seal-session.ts";

const NOW = 1_800_000_000;
const COOKIE = "__Host-okta-abc123-at";
const ISSUER = "https://id.example";

/** A session that began some seconds ago. */
function session(id: string, ago = 100, claims: Record<string, unknown> = {}) {
	return {
		id,
		claims: { iss: ISSUER, sub: "ada", sid: `sid-${id}`, ...claims },
		deadline: NOW - ago + MAX_SESSION_AGE,
		accessTokenExpiresAt: NOW - ago + 3600,
		hasRefreshToken: true,
	};
}

const byProvider = (target: { sid?: string; sub?: string }, now = NOW) =>
	revocationsOf(
		{ cookie: COOKIE, issuer: ISSUER, sid: target.sid, sub: target.sub, issuedAt: now },
		now,
	);

describe("what a provider has ended", () => {
	test("is the session of that sid, or what the person had until then", () => {
		const revocations = new Revocations();
		revocations.add(byProvider({ sid: "sid-a" }), NOW);
		expect([session("a"), session("b")].map((one) => revocations.isRevoked(COOKIE, one))).toEqual([
			true,
			false,
		]);
		revocations.add(byProvider({ sub: "ada" }), NOW);
		expect(revocations.isRevoked(COOKIE, session("b"))).toBe(true);
		expect(revocations.isRevoked(COOKIE, session("c", -10))).toBe(false);
		expect(revocations.isRevoked(COOKIE, session("b", 100, { sub: "vic" }))).toBe(false);
		expect(revocations.isRevoked("__Host-okta-other1-at", session("b"))).toBe(false);
	});

	test("is what the provider has issued before, whatever the clocks of replicas say", () => {
		const revocations = new Revocations();
		// The replica that took the login was four minutes ahead of the one that took the logout.
		const ahead = session("a", -240, { iat: NOW - 10 });
		expect(revocations.isRevoked(COOKIE, ahead)).toBe(false);
		revocations.add(byProvider({ sub: "ada" }), NOW);
		expect(revocations.isRevoked(COOKIE, ahead)).toBe(true);
		expect(revocations.isRevoked(COOKIE, session("a", -240, { iat: NOW + 10 }))).toBe(false);
		expect(revocations.isRevoked(COOKIE, session("a", -240, { iat: NOW - 10, sub: "vic" }))).toBe(
			false,
		);
	});

	test("is never given up without ending all that it may have been about", () => {
		const revocations = new Revocations(10);
		for (let i = 0; i < 11; i++)
			revocations.add(byProvider({ sid: `sid-${i}` }, NOW - 50 + i), NOW);
		expect(revocations.size).toBeLessThan(12);
		expect(revocations.isRevoked(COOKIE, session("0", 60))).toBe(true);
		expect(revocations.isRevoked(COOKIE, session("somebody", 60, { sub: "vic" }))).toBe(true);
		expect(revocations.isRevoked(COOKIE, session("later", 10, { sub: "vic" }))).toBe(false);
	});
});

describe("what a person has signed out of", () => {
	test("is that session, as long as a copy of its cookies could be shown", () => {
		const revocations = new Revocations();
		const renewable = session("a");
		const other = { ...session("b"), hasRefreshToken: false };
		revocations.add([signOutOf(COOKIE, renewable), signOutOf(COOKIE, other)], NOW);
		const are = () =>
			[renewable, other, session("c")].map((one) => revocations.isRevoked(COOKIE, one));
		expect(are()).toEqual([true, true, false]);
		expect(revocations.add([], other.accessTokenExpiresAt)).toEqual(
			new Map([[signOutOf(COOKIE, other)[0], undefined]]),
		);
		expect(are()).toEqual([true, false, false]);
		revocations.add([], renewable.deadline);
		expect(revocations.size).toBe(0);
	});

	test("is forgotten first where it would end soonest, and ends nobody else's session", () => {
		const revocations = new Revocations(10);
		const sessions = Array.from({ length: 11 }, (_, i) => session(`s${i}`, 100 - i));
		const changes = revocations.add(
			sessions.map((one) => signOutOf(COOKIE, one)),
			NOW,
		);
		expect(revocations.size).toBe(10);
		expect(sessions.map((one) => revocations.isRevoked(COOKIE, one)).indexOf(false)).toBe(0);
		expect([...changes.values()].filter((text) => text === undefined)).toHaveLength(1);
		expect(revocations.isRevoked(COOKIE, session("bystander", 200))).toBe(false);
	});

	test("is no business of what a provider ends: neither makes the other go", () => {
		const revocations = new Revocations(10);
		revocations.add([signOutOf(COOKIE, session("a"))], NOW);
		for (let i = 0; i < 11; i++)
			revocations.add(byProvider({ sid: `sid-${i}` }, NOW - 50 + i), NOW);
		expect(revocations.isRevoked(COOKIE, session("a", -10))).toBe(true);
	});

	test("moves the revision once, and a text that is no time does nothing", () => {
		const revocations = new Revocations();
		const entry = signOutOf(COOKIE, session("a"));
		revocations.add([entry, entry], NOW);
		const { revision } = revocations;
		revocations.add([entry, [signOutOf(COOKIE, session("b"))[0], "soon"]], NOW);
		revocations.add([[signOutOf(COOKIE, session("c"))[0], String(NOW + 2 * MAX_SESSION_AGE)]], NOW);
		expect(revocations.revision).toBe(revision);
		expect([...revocations.entries()]).toEqual([entry]);
	});
});

test("what one provider or issuer ends is nothing to the sessions of another", () => {
	const other = "https://other.example";
	for (const target of [{ sid: "sid-a" }, { sub: "ada" }]) {
		const revocations = new Revocations();
		revocations.add(byProvider(target), NOW);
		const elsewhere = session("a", 100, { iss: other });
		expect([
			revocations.isRevoked(COOKIE, session("a")),
			revocations.isRevoked(COOKIE, elsewhere),
		]).toEqual([true, false]);
		expect(revocations.isRevoked("__Host-other-abc123-at", session("a"))).toBe(false);
	}
});

test("a revocation from the future ends nothing that is yet to begin", () => {
	const revocations = new Revocations();
	expect(revocations.add(byProvider({ sub: "ada" }, NOW + 301), NOW)).toEqual(new Map());
	expect(revocations.isRevoked(COOKIE, session("a"))).toBe(false);
	revocations.add(byProvider({ sub: "ada" }, NOW + 299), NOW);
	expect(revocations.isRevoked(COOKIE, session("a"))).toBe(true);
});
