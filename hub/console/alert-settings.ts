/** What the operator sets once, and few pages need: loaded when it is looked at. */
export { AlertRulesPanel } from "./alert-rules-panel.tsx";
export { ChannelsPanel } from "./channels-panel.tsx";
