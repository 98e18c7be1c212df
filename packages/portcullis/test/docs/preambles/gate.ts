import { portcullis } from "portcullis";

const kit = portcullis();
const gate = kit.gate();
