/** What a person of the directory may do. */
export const ROLES = ["administrator", "viewer", "none"] as const;
export type Role = (typeof ROLES)[number];

/** What the audit log knows. */
export const ACTIONS = ["role changed", "deactivated", "reactivated"] as const;
export type Action = (typeof ACTIONS)[number];

/** Days that the charts look back. */
export const RANGES = ["7", "30", "90"] as const;
export type Range = (typeof RANGES)[number];

/** A person in the directory. */
export interface Person {
	readonly id: string;
	readonly name: string;
	readonly email: string;
	readonly role: Role;
	readonly isActive: boolean;
	/** ISO 8601, UTC. */
	readonly lastSignIn: string;
}

/** What one person has done to another. */
export interface AuditEntry {
	readonly id: number;
	/** ISO 8601, UTC. */
	readonly at: string;
	readonly actor: string;
	readonly action: Action;
	readonly target: string;
	readonly detail: string;
}

/**
 * Which entries to show: those of one action, and those that have the text in actor, target or
 * detail.
 */
export interface AuditFilter {
	readonly text: string;
	readonly action: Action | "any";
}

/** One day of sign-ins. */
export interface Day {
	/** `2026-03-31`, UTC. */
	readonly date: string;
	readonly succeeded: number;
	readonly failed: number;
}

/** Sign-ins of one application. */
export interface AppUse {
	readonly app: string;
	readonly signIns: number;
}

/** How many active people have a role. */
export interface RoleCount {
	readonly role: Role;
	readonly people: number;
}

/** Something that a person has signed in with. */
export interface Device {
	readonly name: string;
	readonly system: string;
	/** ISO 8601, UTC. */
	readonly lastSeen: string;
	readonly isTrusted: boolean;
}

/** What the API of the devices said; `none` if there is no such API. */
export type Devices =
	| { readonly status: "none" }
	| { readonly status: "unavailable" }
	| { readonly status: "known"; readonly devices: readonly Device[] };

/** What the identity provider says about a person. */
export interface Claim {
	readonly name: string;
	/** JSON. */
	readonly value: unknown;
}
