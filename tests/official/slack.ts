// What Slack's SDK for JavaScript says of the Web API, as strict as its types allow, and what they
// don't know of yet. Each exception names what Slack's documentation says instead.

import type {
  AppHomeOpenedEvent,
  ChannelArchiveMessageEvent,
  ChannelJoinMessageEvent,
  ChannelLeaveMessageEvent,
  ChannelNameMessageEvent,
  ChannelPurposeMessageEvent,
  ChannelTopicMessageEvent,
  GenericMessageEvent,
  KnownBlock,
  MessageChangedEvent,
  MessageDeletedEvent,
  SlackEvent,
} from '@slack/types';
import type { FilesInfoResponse, ViewsPublishResponse, WebClient } from '@slack/web-api';

export type { View } from '@slack/types';
export { WebClient } from '@slack/web-api';

// Where the SDK takes blocks, it takes any object that has a type; here only what it knows of, and
// charts, which it does not know yet (docs.slack.dev/reference/block-kit/blocks/data-visualization-block).
export type Blocks = (KnownBlock | Chart)[];
interface Chart {
  type: 'data_visualization';
  block_id?: string;
  title: string;
  chart: { type: 'pie'; segments: Point[] } | { type: 'area' | 'bar' | 'line'; series: Series[]; axis_config: Axis };
}
interface Point {
  label: string;
  value: number;
}
interface Series {
  name: string;
  data: Point[];
}
interface Axis {
  categories: string[];
  x_label?: string;
  y_label?: string;
}

// The SDK generates the types of answers from samples: what is one of several words is an enum
// there, of the words that it has seen, and blocks are all blocks' fields in one. Blocks are known
// better by the types that the SDK sends. A sample holds no null; Slack's documentation has these
// where there is nothing, and an empty list for a profile without fields.
interface Nothing {
  close: null;
  emoji: null;
  entity_id: null;
  fields: never[];
  possible_values: null;
  previous_view_id: null;
}
type Shape<T> = T extends string
  ? string
  : T extends (infer E)[]
    ? Shape<E>[]
    : T extends object
      ? { [K in keyof T]: K extends 'blocks' ? Blocks : Shape<T[K]> | (K extends keyof Nothing ? Nothing[K] : never) }
      : T;

type Method = (...given: never[]) => Promise<unknown>;
export type Answer<M extends Method, Name extends string> = Shape<Awaited<ReturnType<M>>> &
  (Name extends keyof Unseen ? Unseen[Name] : unknown);

// What the samples had no case of: a message in a thread that is updated says which thread that is,
// and the profile has its team in the documentation of users.profile.get.
interface Unseen {
  'chat.update': { message?: { thread_ts?: string } };
  'users.profile.get': { profile?: { team?: string } };
}

// The SDK's events leave out what a private channel calls its own messages (group_join and so on,
// at docs.slack.dev/reference/events/message), and the app_id of what an app has written. They
// want of a message inside an event what only the event has: its channel, and its own time. They
// want an inviter of everybody who joins, which the documentation does not; and only some of the
// lines that Slack writes itself have a team there. Their files and views have less than those of
// answers.
type Line<E, S extends string> = Omit<E, 'inviter' | 'subtype' | 'team'> & { inviter?: string; subtype: S; team: string };
type AtHome = Omit<AppHomeOpenedEvent, 'view'> & Pick<Shape<ViewsPublishResponse>, 'view'>;
type File = Shape<NonNullable<FilesInfoResponse['file']>>;
type Written = Omit<GenericMessageEvent, 'blocks' | 'files' | 'subtype'> & {
  app_id?: string;
  blocks?: Blocks;
  files?: File[];
  subtype?: never;
};
type Kept = Omit<Written, 'channel' | 'channel_type' | 'event_ts'>;
type Changed = Omit<MessageChangedEvent, 'message' | 'previous_message'> & { message: Kept; previous_message: Kept };
type Deleted = Omit<MessageDeletedEvent, 'previous_message'> & { previous_message: Kept };
export type Heard =
  | Exclude<SlackEvent, { type: 'app_home_opened' | 'message' }>
  | AtHome
  | Written
  | Changed
  | Deleted
  | Line<ChannelArchiveMessageEvent, 'channel_archive' | 'group_archive'>
  | Line<ChannelJoinMessageEvent, 'channel_join' | 'group_join'>
  | Line<ChannelLeaveMessageEvent, 'channel_leave' | 'group_leave'>
  | Line<ChannelNameMessageEvent, 'channel_name' | 'group_name'>
  | Line<ChannelPurposeMessageEvent, 'channel_purpose' | 'group_purpose'>
  | Line<ChannelTopicMessageEvent, 'channel_topic' | 'group_topic'>;
