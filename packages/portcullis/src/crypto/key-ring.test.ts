import { expect, it } from "vitest";
import { createKeyRing, KEY_ID_LENGTH, type Purpose } from "./key-ring.ts";

const value = new TextEncoder().encode("value");
const [first, second, third] = ["first secret", "second secret", "third secret"] as const;

it("seals with the first secret and opens with all", async () => {
	const old = await createKeyRing([first]);
	const both = await createKeyRing([second, first]);
	const next = await createKeyRing([third, second, first]);
	const sealed = await old.seal("session", value, "context");
	expect(await both.open("session", sealed, "context")).toBeDefined();
	expect(await next.open("session", sealed, "context")).toBeDefined();
	const newer = await both.seal("session", value, "context");
	expect(newer.slice(0, KEY_ID_LENGTH)).not.toBe(sealed.slice(0, KEY_ID_LENGTH));
	expect(await old.open("session", newer, "context")).toBeUndefined();
});

it("gives each purpose a key of its own", async () => {
	const ring = await createKeyRing([first]);
	const purposes: Purpose[] = ["session", "transaction", "form"];
	for (const sealedFor of purposes) {
		const sealed = await ring.seal(sealedFor, value, "context");
		for (const openedFor of purposes)
			expect((await ring.open(openedFor, sealed, "context")) !== undefined).toBe(
				sealedFor === openedFor,
			);
	}
});

it("binds a value to its context", async () => {
	const ring = await createKeyRing([first]);
	const sealed = await ring.seal("session", value, "cookie-a");
	expect(await ring.open("session", sealed, "cookie-b")).toBeUndefined();
});

it("takes any text for nothing instead of throwing", async () => {
	const ring = await createKeyRing([first]);
	const id = (await ring.seal("session", value, "")).slice(0, KEY_ID_LENGTH);
	for (const text of [
		"",
		"x",
		id,
		`${id}!`,
		`${id}AAAA`,
		`${id}${"A".repeat(5000)}`,
		"ÿ".repeat(50),
		`${id}%00`,
	]) {
		expect(await ring.open("session", text, "")).toBeUndefined();
	}
});

it("derives the same keys from the same secret in every process", async () => {
	const sealed = await (await createKeyRing([first])).seal("form", value, "c");
	expect(await (await createKeyRing([first])).open("form", sealed, "c")).toBeDefined();
});

it("needs a secret", async () => {
	await expect(createKeyRing([])).rejects.toThrow(TypeError);
});

it("opens what the first secret has sealed, also if a former one has the same id", async () => {
	// Found by trying: the id has 24 bits.
	const [current, former] = [
		"a secret that is long enough 2048",
		"a secret that is long enough 2535",
	] as const;
	const ring = await createKeyRing([current, former]);
	const sealed = await ring.seal("session", value, "context");
	const other = await (await createKeyRing([former])).seal("session", value, "context");
	expect(other.slice(0, KEY_ID_LENGTH)).toBe(sealed.slice(0, KEY_ID_LENGTH));
	expect(await ring.open("session", sealed, "context")).toEqual(Buffer.from(value));
});
