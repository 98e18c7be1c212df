export { StateError } from "./base/errors.ts";
export type { InferInput, InferOutput, StandardSchemaV1 } from "./base/standard-schema.ts";
export { AuthUserState } from "./state/auth-user-state.ts";
export { State, type StateClass } from "./state/state.ts";
export type {
	AsyncComputedCall,
	BackgroundCall,
	Computed,
	ComputedCall,
	ComputedOptions,
	Event,
	EventCall,
	EventOptions,
	Field,
	FieldOptions,
	ServerOnly,
} from "./state/surfaces.ts";
export type { Topic } from "./state/topic.ts";
export type { StateWords } from "./state/words.ts";
export type { Keeping, RecordLease, StateStore, StoredEntries } from "./store/contract.ts";
export { type MemoryOptions, memory } from "./store/memory/store.ts";
