"""Write the larcv fixtures with ROOT itself, so that its own streaming of larcv's classes is what is read back.

How to run (a compiler is needed; argoscope is not, and ROOT is no dependency of argoscope):

    python3.11 -m venv /tmp/root && /tmp/root/bin/pip install root==0.1a12
    /tmp/root/bin/python tests/files/root_fixtures/make_larcv2.py

It writes beside itself: larcv2_3d.root, larcv2_2d.root (classes of larcv2) and larcv1_old.root (those of 2016). The
numbers follow the simple rules below; tests/files/test_larcv_root.py states them again on its own. Made with ROOT 6.40.00.

Three events, numbered 7, 8, 9 of run 3, subrun 2; event 8 (the second) is empty. With e = 0, 1, 2 the position:

3D   grid 5 x 4 x 3, low corner (10, 20, 30) cm, voxels of 0.5, 1 and 2 cm. Voxel (i, j, k) is charged where
     (i + 2 j + 3 k + e) % 4 == 0, with value 100 i + 10 j + k + 0.5; its class is (i + j + k) % 5, and where i == 4 it
     is left out of the label product. Cluster c of 3 holds the charged voxels with i % 3 == c, cluster 1 stays empty.
2D   planes 0, 1 of 6 columns x 4 rows, low corner (100, 2400), pixels 1 wire x 6 ticks. Pixel (c, r) of plane p is
     charged where (c + r + p + e) % 3 == 0, value 10 c + r + 100 p + 0.5; class (c + r) % 5, absent where c == 5.
     Image pixels hold 10 c + r + 100 p - 20 (every event); segments hold c % 3.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def compiled(header):
    """Build the dictionaries of the classes in `header` and load them."""
    import ROOT

    folder = Path(tempfile.mkdtemp())
    source = folder / (header.removesuffix(".h") + ".C")
    shutil.copy(HERE / header, source)
    if not ROOT.gSystem.CompileMacro(str(source), "kO"):
        raise SystemExit(f"{header} did not compile")
    return ROOT


def write_tree(root, product, kind, fill):
    """One tree for one product, one entry an event, as larcv's IOManager does."""
    data = getattr(root.larcv, kind)()
    name, producer = product.split("_", 1)
    tree = root.TTree(f"{product}_tree", f"{producer} tree")
    tree.Branch(f"{product}_branch", data)
    for e in range(3):
        data.__assign__(getattr(root.larcv, kind)())
        data._producer = producer
        data._run, data._subrun, data._event = 3, 2, 7 + e
        if e != 1 or name == "image2d":
            fill(data, e)
        else:
            fill(data, None)
        tree.Fill()
    tree.Write()


def voxel(root, number, value):
    out = root.larcv.Voxel()
    out._id, out._value = int(number), float(value)
    return out


def volume_meta(root, meta):
    meta._p1.x, meta._p1.y, meta._p1.z = 10.0, 20.0, 30.0
    meta._p2.x, meta._p2.y, meta._p2.z = 12.5, 24.0, 36.0
    meta._valid, meta._num_element = True, 60
    meta._xlen, meta._ylen, meta._zlen = 0.5, 1.0, 2.0
    meta._xnum, meta._ynum, meta._znum = 5, 4, 3
    meta._unit = root.larcv.kUnitCM


def charged_voxels(e):
    """Number, value and indices of the charged voxels, x fastest."""
    for k in range(3):
        for j in range(4):
            for i in range(5):
                if e is not None and (i + 2 * j + 3 * k + e) % 4 == 0:
                    yield k * 20 + j * 5 + i, 100 * i + 10 * j + k + 0.5, (i, j, k)


def plane_meta(root, meta, plane):
    meta._id = plane
    meta._p1.x, meta._p1.y, meta._p2.x, meta._p2.y = 100.0, 2400.0, 106.0, 2424.0
    meta._col_count, meta._row_count, meta._image_id = 6, 4, 0
    meta._unit = root.larcv.kUnitWireTime


def charged_pixels(plane, e):
    """Number, value and indices of the charged pixels, row fastest."""
    for c in range(6):
        for r in range(4):
            if e is not None and (c + r + plane + e) % 3 == 0:
                yield c * 4 + r, 10 * c + r + 100 * plane + 0.5, (c, r)


def make_3d(root):
    def charge(data, e):
        volume_meta(root, data._meta)
        for number, value, _ in charged_voxels(e):
            data._voxel_v.push_back(voxel(root, number, value))

    def classes(data, e):
        volume_meta(root, data._meta)
        for number, _, index in charged_voxels(e):
            if index[0] != 4:
                data._voxel_v.push_back(voxel(root, number, sum(index) % 5))

    def clusters(data, e):
        volume_meta(root, data._meta)
        for c in range(3):
            group = root.larcv.VoxelSet()
            group._id = c
            for number, value, index in charged_voxels(e):
                if c != 1 and index[0] % 3 == c:
                    group._voxel_v.push_back(voxel(root, number, value))
            data._voxel_vv.push_back(group)

    def particles(data, e):
        for p in range(0 if e is None else 2 - e // 2):
            one = root.larcv.Particle()
            one._id, one._mcst_index, one._shape = p, p + 4, root.larcv.kShapeDelta
            one._trackid, one._pdg, one._pz = 11 + p, -13, 0.25 + e
            one._vtx._x, one._vtx._t, one._last_step._z = 1.5 + p, 2.5, 3.5
            one._energy_init, one._energy_deposit = 105.5 + p, 55.25
            one._process = "primary" if p == 0 else "muIoni"
            one._parent_trackid, one._ancestor_pdg, one._ancestor_vtx._y = 10, 2112, -7.0
            one._bb2d_v.push_back(root.larcv.BBox2D())
            one._children_id.push_back(1)
            data._part_v.push_back(one)

    write_tree(root, "sparse3d_data", "EventSparseTensor3D", charge)
    write_tree(root, "sparse3d_fivetypes", "EventSparseTensor3D", classes)
    write_tree(root, "cluster3d_mcst", "EventClusterVoxel3D", clusters)
    write_tree(root, "particle_mcst", "EventParticle", particles)


def make_2d(root):
    def sparse(content):
        def fill(data, e):
            for plane in range(2):
                tensor = root.larcv.SparseTensor2D()
                tensor._id = plane
                plane_meta(root, tensor._meta, plane)
                for number, value in content(plane, e):
                    tensor._voxel_v.push_back(voxel(root, number, value))
                data._tensor_v.push_back(tensor)

        return fill

    def image(content):
        def fill(data, e):
            for plane in range(2):
                one = root.larcv.Image2D()
                plane_meta(root, one._meta, plane)
                for c in range(6):
                    for r in range(4):
                        one._img.push_back(content(c, r, plane))
                data._image_v.push_back(one)

        return fill

    def clusters(data, e):
        for plane in range(2):
            group = root.larcv.ClusterPixel2D()
            plane_meta(root, group._meta, plane)
            for c in range(2 + plane):
                one = root.larcv.VoxelSet()
                one._id = c + 5
                for number, value, index in charged_pixels(plane, e):
                    if c != 1 and index[0] % 3 == c:
                        one._voxel_v.push_back(voxel(root, number, value))
                group._voxel_vv.push_back(one)
            data._cluster_v.push_back(group)

    write_tree(
        root,
        "sparse2d_wire",
        "EventSparseTensor2D",
        sparse(lambda p, e: [(n, v) for n, v, _ in charged_pixels(p, e)]),
    )
    write_tree(
        root,
        "sparse2d_label",
        "EventSparseTensor2D",
        sparse(lambda p, e: [(n, sum(i) % 5) for n, _, i in charged_pixels(p, e) if i[0] != 5]),
    )
    write_tree(root, "image2d_data", "EventImage2D", image(lambda c, r, p: 10 * c + r + 100 * p - 20))
    write_tree(root, "image2d_segment", "EventImage2D", image(lambda c, _r, _p: c % 3))
    write_tree(root, "cluster2d_mcst", "EventClusterPixel2D", clusters)


def make_old(root):
    """Images of 2016: corner (100, 2424) is the top left one, so row 0 is the latest time."""

    def fill(data, e):
        for plane in range(2):
            one = root.larcv.Image2D()
            meta = one._meta
            meta._origin.x, meta._origin.y, meta._width, meta._height = 100.0, 2424.0, 6.0, 24.0
            meta._col_count, meta._row_count, meta._plane = 6, 4, plane
            for c in range(6):
                for r in range(4):
                    one._img.push_back(10 * c + r + 100 * plane - 20)
            data._image_v.push_back(one)

    write_tree(root, "image2d_tpc", "EventImage2D", fill)


FILES = {
    "larcv2_3d.root": ("larcv2_classes.h", make_3d),
    "larcv2_2d.root": ("larcv2_classes.h", make_2d),
    "larcv1_old.root": ("larcv1_classes.h", make_old),
}


def main():
    """Write one file, or all of them, each in a process of its own: the class names are the same in both headers."""
    if len(sys.argv) == 1:
        for name in FILES:
            subprocess.run([sys.executable, __file__, name], check=True)
        return
    header, make = FILES[sys.argv[1]]
    root = compiled(header)
    file = root.TFile(str(HERE / sys.argv[1]), "RECREATE", "", 209)  # LZMA level 9: as small as it gets
    make(root)
    file.Close()


if __name__ == "__main__":
    main()
