"""What was opened before: kept, ordered, and never a reason to fail."""

from viewer.config.recents import LastSession, Recents, RecentsFile


def test_what_is_saved_comes_back(tmp_path) -> None:
    file = RecentsFile(tmp_path / "state" / "recent.yaml")
    looks = {"tap": ["P3"], "conf": 0.4}
    last = LastSession("0", "demo", 7, decode="yolo", settings=looks, span=(3, 9))
    recents = Recents(("/clips/über.mp4", "0"), ("/m/best.pt",), last, folds={"Maps": False, "Classes": True})
    file.save(recents)
    assert file.load() == recents
    assert [path.name for path in file.path.parent.iterdir()] == ["recent.yaml"]


def test_without_a_file_nothing_was_opened(tmp_path) -> None:
    assert RecentsFile(tmp_path / "recent.yaml").load() == Recents()


def test_a_broken_file_is_set_aside_and_said_so(tmp_path, caplog) -> None:
    for content in (
        b"sources: [",
        b"sources: {a: 1}",
        b"- 1",
        b"\xff\xfe\x00",
        b"last: {index: many}",
        b"folds: [Maps]",
    ):
        path = tmp_path / "recent.yaml"
        path.write_bytes(content)
        found = RecentsFile(path).load()
        assert found == Recents()
        assert "recent.broken.yaml" in found.note
        assert not path.exists()
        assert (tmp_path / "recent.broken.yaml").read_bytes() == content
    assert "set aside" in caplog.text


def test_a_key_of_a_later_version_is_no_reason_to_forget_the_rest(tmp_path) -> None:
    path = tmp_path / "recent.yaml"
    path.write_text("sources: [a.mp4]\nstars: [b.mp4]\n")
    assert RecentsFile(path).load().sources == ("a.mp4",)


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path, caplog) -> None:
    (tmp_path / "state").write_text("a file where the folder would be")
    RecentsFile(tmp_path / "state" / "recent.yaml").save(Recents(("a.mp4",)))
    assert "not remembered" in caplog.text


def test_the_newest_is_in_front_once_and_lists_stay_short() -> None:
    recents = Recents()
    for name in [*"abcdefghij", "c"]:
        recents = recents.with_source(name)
    assert recents.sources == tuple("cjihgfed")
