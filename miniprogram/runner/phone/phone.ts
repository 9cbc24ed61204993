import type { template } from "glass-easel";
import { MiniProgramEnv } from "glass-easel-miniprogram-adapter";
import type { Boot, Program } from "../protocol.ts";
import { PhoneBackend } from "./backend.ts";
import { createBridge, type RawBridge } from "./bridge.ts";
import { defineBoxes } from "./components/boxes.ts";
import { defineButton } from "./components/button.ts";
import { defineInputs } from "./components/inputs.ts";
import { definePicker } from "./components/picker.ts";
import { createDialogs } from "./dialogs.ts";
import { make } from "./dom.ts";
import { watchFaults } from "./faults.ts";
import { createPageStack } from "./page-stack.ts";
import { createPrivacy } from "./privacy.ts";
import { createProgramScope } from "./program-scope.ts";
import { createSandbox } from "./sandbox.ts";
import { checkSetData } from "./set-data-rules.ts";
import { createTempFiles } from "./temp-files.ts";
import { createWx } from "./wx/wx.ts";

declare global {
  interface Window {
    /** Put there by the host. */
    phoneBoot: Boot;
    phoneBridge: RawBridge;
  }
}

type Templates = Record<string, template.ComponentTemplate["content"]>;

/** Opens a compiled mini-program in this window. Called by the compiled program itself. */
export function open(program: Program, templates: Templates, run: (scope: object) => void): void {
  const bridge = createBridge(window.phoneBridge);
  const report = watchFaults(bridge);
  const screen = make("div", { class: "phone-screen" });
  const layer = make("div", { class: "phone-layer" });
  document.body.append(screen, layer);
  document.documentElement.dataset["style"] = program.style;
  const dialogs = createDialogs(layer);
  const privacy = createPrivacy(window.phoneBoot.privacyAgreed, bridge, dialogs, report);
  const files = createTempFiles();

  const env = new MiniProgramEnv();
  const space = env.createCodeSpace("program", true);
  const own = space.getComponentSpace();
  defineBoxes(own, files);
  defineInputs(own, privacy);
  definePicker(own, dialogs);
  defineButton(own, { bridge, dialogs, privacy, files });

  for (const part of program.parts) {
    const { path, config, styleScope } = part;
    const content = templates[path];
    if (content) space.addCompiledTemplate(path, { groupList: templates, content });
    space.addStyleSheet(path, undefined, styleScope);
    space.addComponentStaticConfig(path, config);
  }
  document.head.append(make("style", {}, program.css));
  for (const part of program.parts) if (!part.isPage) document.head.append(make("style", {}, part.css));
  checkSetData(space, report);

  const pages = createPageStack({
    program,
    space,
    backend: env.associateBackend(new PhoneBackend()),
    screen,
    dialogs,
    report,
  });
  const { wx, interrupt, setConnected } = createWx({ boot: window.phoneBoot, bridge, dialogs, pages, privacy, files });
  const { scope, callApp } = createProgramScope({ program, space, pages, wx, report });
  run(createSandbox(scope));

  const launch = { path: program.pages[0] ?? "", query: {}, scene: 1001 };
  callApp("onLaunch", launch);
  callApp("onShow", launch);
  pages.push(launch.path, "");
  control = {
    connect: () => setConnected(true),
    disconnect: () => setConnected(false),
    hide() {
      pages.current()?.call("onHide");
      callApp("onHide");
      interrupt();
    },
    show() {
      callApp("onShow", launch);
      pages.current()?.call("onShow");
    },
  };
}

/** What happens to the phone as a whole. */
export interface PhoneControl {
  connect(): void;
  disconnect(): void;
  hide(): void;
  show(): void;
}

export let control: PhoneControl | undefined;

export * as eyes from "./eyes.ts";
