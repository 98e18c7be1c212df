import { expect, it } from "vitest";
import { resolveSecrets } from "./secrets.ts";

const good = "k3J9vQ2mX7pL0sR5tW8yB1nC4dF6gH-a";
const other = "Zq8-wErT5yUi0OpA3sDf7gHjK2lXcVbN";
const production = { NODE_ENV: "production" };

it("takes the option, then the variable, then the client secrets", () => {
	expect(resolveSecrets([good], { PORTCULLIS_SECRET: other }, ["client-secret-0123456"])).toMatchObject({
		secrets: [good],
	});
	expect(
		resolveSecrets(undefined, { PORTCULLIS_SECRET: ` ${other} ,${good},` }, ["client-secret-0123456"]),
	).toMatchObject({ secrets: [other, good] });
	expect(resolveSecrets(undefined, production, [undefined, "client-secret-0123456", "another-secret-987654"])).toEqual({
		secrets: ["client-secret-0123456", "another-secret-987654"],
		ephemeral: false,
	});
});

it.each([
	"short",
	"a".repeat(64),
	"abc".repeat(20),
	"0123456789".repeat(4),
	"changeme-changeme-changeme-changeme",
	"your-secret-goes-here-0123456789abcdef",
	"this-is-an-example-secret-0123456789",
])("refuses %s", (weak) => {
	expect(resolveSecrets(weak, {}, [])).toHaveProperty("problems");
});

it("reports each weak one, and none of their values", () => {
	const found = resolveSecrets(undefined, { PORTCULLIS_SECRET: `${good},weak-one,weak-two` }, []);
	expect("problems" in found && found.problems.map(({ problem }) => problem)).toEqual([
		"Cookie secret 2 of 3 is shorter than 32 characters",
		"Cookie secret 3 of 3 is shorter than 32 characters",
	]);
	expect(JSON.stringify(found)).not.toContain("weak-one");
});

it("makes its own in development only", () => {
	expect(resolveSecrets(undefined, {}, [undefined])).toMatchObject({ ephemeral: true });
	expect(resolveSecrets(undefined, production, [undefined])).toHaveProperty("problems");
	expect(resolveSecrets(undefined, production, ["tooshort"])).toHaveProperty("problems");
});
