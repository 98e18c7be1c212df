import { expect, it, vi } from "vitest";
import type { User } from "../../session/user.ts";
import { OwnerScope } from "./owner-scope.ts";

it("compares two objects of one person once, however often they look in turn", () => {
	const scope = new OwnerScope({
		registry: undefined as never,
		now: Date.now,
		isDevelopment: false,
		onFailed() {},
		onDropped() {},
	});
	const toJSON = vi.fn(() => ({ id: "ada" }));
	const person = () => ({ toJSON }) as unknown as User;
	const [first, second] = [person(), person()];
	let order = 0;
	const look = (user: User) => scope.setUser({ user, expiresAt: 1, order: ++order });
	expect(look(first)).toBe(first);
	for (let i = 0; i < 10; i++) expect([look(second), look(first)]).toEqual([first, first]);
	expect(toJSON).toHaveBeenCalledTimes(2);
});
