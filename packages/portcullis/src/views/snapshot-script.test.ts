import { expect, test } from "vitest";
import type { Snapshot } from "../wire/state.ts";
import { snapshotScript } from "./snapshot-script.ts";

function snapshotOf(name: string): Snapshot {
	const user = { sub: "1", name, email: null, picture: null, provider: "generic" };
	const session = { signedIn: true, user, expiresAt: 1 } as const;
	return { client: "c", epoch: 0, events: {}, session, rev: 1, full: true, values: {} };
}

test.each([
	"</script><script>alert(1)</script>",
	"<!--<script>",
	"</SCRIPT\n>",
	"\u2028 & \" ' `",
	"<\\/script>",
	"\ud800",
])("a name like %j stays data", (name) => {
	const snapshot = snapshotOf(name);
	const text = String(snapshotScript(snapshot));
	const data = /^<script type="application\/json" id="portcullis-snapshot">([^<]*)<\/script>$/.exec(
		text,
	)?.[1];
	expect(JSON.parse(data ?? "")).toEqual(snapshot);
});

test("a nonce is escaped, and there only if it is given", () => {
	expect(String(snapshotScript(snapshotOf("Ada"), { nonce: 'n"><b>' }))).toContain(
		' nonce="n&quot;&gt;&lt;b&gt;">',
	);
	expect(String(snapshotScript(snapshotOf("Ada"), { nonce: undefined }))).not.toContain("nonce");
});
