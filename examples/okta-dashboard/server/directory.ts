import {
	type Action,
	type AuditEntry,
	type AuditFilter,
	type Person,
	ROLES,
	type Role,
	type RoleCount,
} from "../shared/types.ts";
import { seededRandom } from "./random.ts";

const MAX_ENTRIES = 500;
const HOUR = 3_600_000;
const FIRST_NAMES = [
	"Grace",
	"Alan",
	"Edsger",
	"Barbara",
	"Donald",
	"Radia",
	"Ken",
	"Margaret",
	"Tim",
	"Frances",
	"Niklaus",
	"Karen",
];
const LAST_NAMES = [
	"Marlow",
	"Okafor",
	"Lindqvist",
	"Tanaka",
	"Ferreira",
	"Novak",
	"Haddad",
	"Byrne",
];

/**
 * The people that admins look after, and what was done to them. Made up from a seed, kept in
 * memory: the same at every start, and gone with the process.
 */
export class Directory {
	readonly #people = new Map<string, Person>();
	#entries: readonly AuditEntry[] = [];
	#lastEntry = 0;
	readonly #now: () => number;

	/** @param now Milliseconds since the epoch. */
	constructor(now: () => number = Date.now) {
		this.#now = now;
		this.#seed();
	}

	/** All people, sorted by name. */
	people(): Person[] {
		return [...this.#people.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	/** How many active people have each role. */
	countByRole(): RoleCount[] {
		const active = [...this.#people.values()].filter(({ isActive }) => isActive);
		return ROLES.map((role) => ({
			role,
			people: active.filter((person) => person.role === role).length,
		}));
	}

	/** Returns the person as they are now; `undefined` if no person has this id. */
	setRole(id: string, role: Role, actor: string): Person | undefined {
		const person = this.#people.get(id);
		if (!person || person.role === role) return person;
		this.#note(actor, "role changed", person, `${person.role} to ${role}`);
		return this.#put({ ...person, role });
	}

	/** Returns the person as they are now; `undefined` if no person has this id. */
	setActive(id: string, isActive: boolean, actor: string): Person | undefined {
		const person = this.#people.get(id);
		if (!person || person.isActive === isActive) return person;
		this.#note(actor, isActive ? "reactivated" : "deactivated", person, "");
		return this.#put({ ...person, isActive });
	}

	/** What was done, the newest first. Asynchronous, as a database would be. */
	async searchAudit({ text, action }: AuditFilter, signal: AbortSignal): Promise<AuditEntry[]> {
		signal.throwIfAborted();
		const wanted = text.trim().toLowerCase();
		return this.#entries.filter(
			(entry) =>
				(action === "any" || entry.action === action) &&
				`${entry.actor}\n${entry.target}\n${entry.detail}`.toLowerCase().includes(wanted),
		);
	}

	#put(person: Person): Person {
		this.#people.set(person.id, person);
		return person;
	}

	#note(
		actor: string,
		action: Action,
		{ name }: Person,
		detail: string,
		at: number = this.#now(),
	): void {
		const entry = {
			id: ++this.#lastEntry,
			at: new Date(at).toISOString(),
			actor,
			action,
			target: name,
			detail,
		};
		this.#entries = [entry, ...this.#entries].slice(0, MAX_ENTRIES);
	}

	#seed(): void {
		const random = seededRandom(20);
		const start = this.#now();
		for (let i = 0; i < 24; i++) {
			const name = `${FIRST_NAMES[i % FIRST_NAMES.length]} ${LAST_NAMES[(i * 5) % LAST_NAMES.length]}`;
			this.#put({
				id: `p${String(i + 1).padStart(2, "0")}`,
				name,
				email: `${name.toLowerCase().replace(" ", ".")}@directory.example`,
				role: random() < 0.15 ? "administrator" : random() < 0.75 ? "viewer" : "none",
				isActive: random() > 0.1,
				lastSignIn: new Date(start - Math.floor(random() * 400 * HOUR)).toISOString(),
			});
		}
		const people = this.people();
		for (let i = 40; i > 0; i--) {
			const person = people[Math.floor(random() * people.length)];
			const detail = random() < 0.5 ? "none to viewer" : "viewer to none";
			const action: Action =
				random() < 0.6 ? "role changed" : random() < 0.5 ? "deactivated" : "reactivated";
			const actor = random() < 0.5 ? "Joan Clarke (seed)" : "Provisioning (seed)";
			if (person)
				this.#note(
					actor,
					action,
					person,
					action === "role changed" ? detail : "",
					start - i * 7 * HOUR,
				);
		}
	}
}
