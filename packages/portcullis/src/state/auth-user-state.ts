import { State } from "./state.ts";
import type { Computed } from "./surfaces.ts";
import { createStateWords } from "./words.ts";

const { computed } = createStateWords().words;
const SIGNED_IN = { auth: true } as const;

/**
 * Who is signed in, as server state: add it to `states`, or extend it to show more claims.
 * Every value is for signed-in people, and each person sees their own.
 */
export class AuthUserState extends State {
	readonly name: Computed<string> = computed(({ user }) => user.name, {
		...SIGNED_IN,
		initial: "",
	});
	readonly email: Computed<string | null> = computed(({ user }) => user.email ?? null, {
		...SIGNED_IN,
		initial: null,
	});
	readonly sub: Computed<string> = computed(({ user }) => user.sub, { ...SIGNED_IN, initial: "" });
	readonly picture: Computed<string | null> = computed(({ user }) => user.picture ?? null, {
		...SIGNED_IN,
		initial: null,
	});
}
