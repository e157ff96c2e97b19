import { fileCases } from "./file_cases.ts";
import type { RouteCase } from "./route_case.ts";
import { shareCases } from "./share_cases.ts";
import { systemCases } from "./system_cases.ts";
import { uploadCases } from "./upload_cases.ts";
import { userCases } from "./user_cases.ts";
import { videoCases } from "./video_cases.ts";

/** Every case of every route. */
export const routeCases: RouteCase[] = [...userCases, ...fileCases, ...uploadCases, ...videoCases, ...shareCases, ...systemCases];
