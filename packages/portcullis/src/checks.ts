export { allOf, anyOf, ClaimUnknownError, hasScope, inGroup, not } from "./guard/combine.ts";
export type { GetState } from "./guard/context.ts";
export { hasClientRole, hasRealmRole } from "./guard/roles.ts";
export {
	type StepUpOptions,
	StepUpRequiredError,
	type StepUpRequirement,
	stepUp,
} from "./guard/step-up.ts";
