import { expect, test } from "vitest";
import { AuditStore } from "./audit-store.ts";

test("the newest record comes first, a hundred at most, and nothing of what people wrote is kept", () => {
	const store = new AuditStore(":memory:");
	const time = Date.UTC(2026, 0, 2, 3, 4, 5);
	for (let i = 0; i < 150; i++) store.add("page_load", "allowed", { time, route: `/notes/${i}` });
	store.add("event_handler", "denied_toast", {
		time,
		route: "/_portcullis/event",
		handler: "notes.clearAllNotes",
		payload: "a secret thought",
		reason: "check_denied",
		userinfo: { sub: "2", name: "'); DROP TABLE audit; --" },
	});
	const records = store.last();
	expect(records).toHaveLength(100);
	expect(records[0]).toMatchObject({
		at: "2026-01-02T03:04:05.000Z",
		action: "event_handler",
		outcome: "denied_toast",
		reason: "check_denied",
		what: "notes.clearAllNotes",
		person: "'); DROP TABLE audit; --",
	});
	expect(records[1]).toMatchObject({ what: "/notes/149", reason: null, person: null });
	expect(JSON.stringify(records)).not.toContain("secret thought");
});

test("the oldest records go once there are ten thousand", () => {
	const store = new AuditStore(":memory:");
	for (let i = 0; i < 10_010; i++) store.add("page_load", "allowed", { time: i, route: `/${i}` });
	expect(store.count()).toBe(10_000);
});
