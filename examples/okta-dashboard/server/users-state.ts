import type { User } from "portcullis";
import { z } from "zod";
import { type Person, ROLES } from "../shared/types.ts";
import { computed, event, State } from "./auth.ts";
import { isAdmin } from "./authz.ts";
import { auditTopic, directory, peopleTopic } from "./data.ts";

const id = z.string().max(40);

/** The management panel: for admins, who are asked for again at every call. */
export class UsersState extends State {
	people = computed(() => directory.people(), {
		auth: isAdmin,
		on: [peopleTopic],
		initial: [] as Person[],
	});

	setRole = event(
		{ auth: isAdmin, input: z.object({ id, role: z.enum(ROLES) }) },
		({ input: { id, role }, user, toast }) => {
			const person = directory.setRole(id, role, actorOf(user));
			if (!person) return toast("That person is not in the directory any more", "error");
			announceChange();
			toast(`${person.name} is now: ${role}`, "success");
		},
	);

	setActive = event(
		{ auth: isAdmin, input: z.object({ id, isActive: z.boolean() }) },
		({ input: { id, isActive }, user, toast }) => {
			const person = directory.setActive(id, isActive, actorOf(user));
			if (!person) return toast("That person is not in the directory any more", "error");
			announceChange();
			toast(`${person.name} is ${isActive ? "active again" : "deactivated"}`, "success");
		},
	);
}

function announceChange(): void {
	peopleTopic.changed();
	auditTopic.changed();
}

/** The subject stands beside the name: names are not unique, and change. */
function actorOf({ name, sub }: User): string {
	return `${name} (${sub})`;
}
